"""From torch to an ONNX file with weights in eight bits: what a model ships and what reads contacts without torch."""

import tempfile
import warnings
from pathlib import Path

import torch

from triage_training.encoder.network import LAYERS, ContactReader, Encoder

INPUTS = ("pieces", "padding", "own")
OUTPUTS = ("contact", "evidence", "parts", "mean")
LARGE = 4_096
"""Numbers of a weight from which it is stored narrow."""


def exported(model: ContactReader) -> bytes:
    """The ONNX file of a model, 32-bit. `pieces` int64, `padding` and `own` bool (each B x T)."""
    example = (
        torch.ones(2, 8, dtype=torch.long),
        torch.zeros(2, 8, dtype=torch.bool),
        torch.ones(2, 8, dtype=torch.bool),
    )
    axes = {name: {0: "batch", 1: "length"} for name in (*INPUTS, "evidence", "parts")}
    axes |= {name: {0: "batch"} for name in ("contact", "mean")}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # dynamo=False is meant
        path = Path(folder) / "encoder.onnx"
        torch.onnx.export(
            model.eval(), example, path, input_names=list(INPUTS), output_names=list(OUTPUTS), dynamic_axes=axes,
            opset_version=17, dynamo=False,
        )  # fmt: skip
        return path.read_bytes()


def narrowed(onnx_file: bytes) -> bytes:
    """The same model with its large weights stored in eight bits, one scale a column (a row of the word vectors); sums stay in 32.

    A quarter of the size. Sums in eight bits as well (dynamic quantisation) were no quicker on processors without instructions
    for them and moved log-odds by up to 2.7, by what else was in the batch.
    """
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load_model_from_string(onnx_file)
    graph = model.graph
    rows_of_a_table = {node.input[0] for node in graph.node if node.op_type == "Gather"}
    kept, widened = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.ndim != 2 or values.size < LARGE:
            kept.append(tensor)
            continue
        axis = 0 if tensor.name in rows_of_a_table else 1
        scale = np.maximum(np.abs(values).max(axis=1 - axis), 1e-12) / 127
        whole = np.round(values / np.expand_dims(scale, 1 - axis)).astype(np.int8)
        names = [f"{tensor.name}_{part}" for part in ("narrow", "scale", "zero")]
        parts = (whole, scale.astype(np.float32), np.zeros(scale.shape, dtype=np.int8))
        kept += [numpy_helper.from_array(part, name) for part, name in zip(parts, names, strict=True)]
        widened.append(helper.make_node("DequantizeLinear", names, [tensor.name], axis=axis))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    nodes = [*widened, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def read_back(onnx_file: bytes) -> ContactReader:
    """The reader that `narrowed` stored, so that it can be taught further; what was rounded to eight bits stays so.

    The exporter names a weight of a linear step after the step that multiplies by it, in the order of the sums: each layer's four,
    then the evidence, the focus and the whole.
    """
    import numpy as np
    import onnx
    import torch
    from onnx import numpy_helper

    graph = onnx.load_model_from_string(onnx_file).graph
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "DequantizeLinear":
            narrow, scale, _ = (held[name] for name in node.input)
            axis = next(part.i for part in node.attribute if part.name == "axis")
            held[node.output[0]] = narrow.astype(np.float32) * np.expand_dims(scale, 1 - axis)
    steps = [
        f"encoder.layers.{layer}.{name}" for layer in range(LAYERS) for name in ("three", "joined", "wide", "narrow")
    ]
    named = [*(f"{step}.weight" for step in steps), "evidence.weight", "focus", "whole.weight"]
    multiplied = [node.input[1] for node in graph.node if node.op_type == "MatMul" and node.input[1] in held]
    reader = ContactReader(Encoder())
    state = {name: torch.from_numpy(held[name].copy()) for name in reader.state_dict() if name in held}
    state |= {name: torch.from_numpy(held[of].T.copy()) for name, of in zip(named, multiplied, strict=True)}
    reader.load_state_dict(state)
    reader.eval()
    return reader
