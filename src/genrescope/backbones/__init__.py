"""Pretrained networks: samples to vectors."""
