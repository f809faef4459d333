"""What any request passes, and the events that pages subscribe to: limits, uploads."""
