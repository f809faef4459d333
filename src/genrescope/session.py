"""Graphs opened by onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genrescope.interrupts import uninterrupted


def open_session(graph: Path, *, threads: int = 1, quick: bool = False) -> Any:
    """An `onnxruntime.InferenceSession` on the processor.

    Args:
        graph: the ONNX file.
        threads: one where many songs are run side by side in processes.
        quick: opened in two thirds of the time. A graph of matrix products runs as fast, one of
            convolutions takes twice as long.

    Raises:
        ValueError: the file is not there, is no graph, or needs what this onnxruntime has not.
    """
    with uninterrupted():  # in the middle of this import Ctrl-C would become an ImportError
        import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as ort

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if quick:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.add_session_config_entry("session.disable_prepacking", "1")
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except (
        *(ort.Fail, ort.InvalidArgument, ort.InvalidGraph, ort.InvalidProtobuf),
        *(ort.NoSuchFile, ort.NotImplemented, ort.RuntimeException),
    ) as error:
        raise ValueError(str(error)) from error
