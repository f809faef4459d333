"""The student of the networks in front of a model: descriptor sets in the place of its vectors."""

from __future__ import annotations

import onnx
from onnx import compose, helper

from evidence import SOURCES
from genrescope.inference.model import PREDICTED_TAGS

PARTS = ("student_audioset", "student_musicnn")


def join_student(model: bytes, student: bytes) -> bytes:
    """One ONNX file, of which the student's logits of tags are an output, too.

    Args:
        model: of `graph.build`, on the sources `student_*`.
        student: of `distil.py`: outputs `embedding` and `tags`, AudioSet's before musicnn's.
    """
    head, body = onnx.load_from_string(model), onnx.load_from_string(student)
    kept = [item for item in head.graph.input if item.name not in PARTS]
    del head.graph.input[:]
    sizes = [SOURCES[name].dims for name in PARTS]
    kind, shape = onnx.TensorProto.FLOAT, ["n", sum(sizes)]
    tags = helper.make_tensor_value_info("student_tags", kind, shape)
    head.graph.input.extend([*kept, tags])
    head.graph.initializer.append(
        helper.make_tensor("student_sizes", onnx.TensorProto.INT64, [len(sizes)], sizes)
    )
    split = helper.make_node("Split", ["student_tags", "student_sizes"], PARTS, axis=1)
    head.graph.node.insert(0, split)
    body = compose.add_prefix(body, "student/", rename_inputs=False)
    body.ir_version = head.ir_version
    joins = [("student/embedding", "student_codes"), ("student/tags", "student_tags")]
    whole = compose.merge_models(body, head, io_map=joins)
    whole.graph.output.append(helper.make_tensor_value_info(PREDICTED_TAGS, kind, shape))
    whole.graph.node.append(helper.make_node("Identity", ["student/tags"], [PREDICTED_TAGS]))
    onnx.checker.check_model(whole)
    return bytes(whole.SerializeToString(deterministic=True))
