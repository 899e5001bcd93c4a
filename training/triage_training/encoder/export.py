"""From torch to an ONNX file with weights in eight bits: what a model ships and what reads contacts without torch."""

import math
import tempfile
import warnings
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch

from triage_training.encoder.network import LAYERS, ContactReader, Encoder

INPUTS = ("pieces", "padding", "own")
OUTPUTS = ("contact", "evidence", "parts", "mean")
LARGE: Final = 100_000
"""Numbers of a weight from which it is stored narrow."""
NARROW, SCALE = "_narrow", "_scale"
ZERO: Final = 128
"""What stands for nought among inputs in eight bits."""


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
    """The same model with its large weights in eight bits, one scale a column (a row of the word vectors): a quarter of the size.

    Tables stay narrow and only the rows that are looked up are widened. Linear steps are summed in whole numbers, with each word piece's
    inputs in eight bits by the largest of its own, so that a window reads the same in any company (one scale for a batch moved
    log-odds by up to 2.7). Their weights keep to seven bits: on processors without instructions for such sums two products of eight
    and eight bits overflow sixteen (onnxruntime issue 6004), and two of eight and seven do not.
    """
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load_model_from_string(onnx_file)
    graph = model.graph
    held = {tensor.name: tensor for tensor in graph.initializer}
    nodes, constants = [], {"zero": np.uint8(ZERO), "one": np.float32(1), "step": np.float32(1 / 127), "least": np.float32(1e-9)}  # fmt: skip

    def narrow(name: str, over: int, most: int) -> tuple[str, str]:
        values = numpy_helper.to_array(held.pop(name))
        scale = np.maximum(np.abs(values).max(axis=over, keepdims=True), 1e-12) / most
        constants[f"{name}{NARROW}"] = np.round(values / scale).astype(np.int8)
        constants[f"{name}{SCALE}"] = scale.astype(np.float32)
        return f"{name}{NARROW}", f"{name}{SCALE}"

    for node in graph.node:
        weight = next((name for name in node.input if name in held and math.prod(held[name].dims) >= LARGE), None)
        if weight is None:
            nodes.append(node)
            continue
        (out,) = node.output
        put = partial(_added, nodes, out)
        if node.op_type == "Gather":
            rows, scale = narrow(weight, over=1, most=127)
            wide = put("Cast", put("Gather", rows, node.input[1]), to=TensorProto.FLOAT)
            nodes.append(helper.make_node("Mul", [wide, put("Gather", scale, node.input[1])], [out]))
        else:
            columns, scale = narrow(weight, over=0, most=63)
            largest = put("Max", put("ReduceMax", put("Abs", node.input[0]), axes=[-1]), "least")
            step = put("Mul", largest, "step")
            whole = put("QuantizeLinear", put("Div", node.input[0], step), "one", "zero")
            summed = put("Cast", put("MatMulInteger", whole, columns, "zero"), to=TensorProto.FLOAT)
            nodes.append(helper.make_node("Mul", [put("Mul", summed, step), scale], [out]))
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*held.values(), *(numpy_helper.from_array(v, n) for n, v in constants.items())])
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _added(nodes: list[Any], out: str, kind: str, *inputs: str, **attributes: Any) -> str:
    """Another step on the way to `out`; the name of what it gives."""
    from onnx import helper

    name = f"{out}_{kind}_{len(nodes)}"
    nodes.append(helper.make_node(kind, inputs, [name], **attributes))
    return name


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
    for name in [name for name in held if name.endswith(NARROW)]:
        of = name.removesuffix(NARROW)
        held[of] = held[name].astype(np.float32) * held[f"{of}{SCALE}"]
    steps = [
        f"encoder.layers.{layer}.{name}" for layer in range(LAYERS) for name in ("three", "joined", "wide", "narrow")
    ]
    named = [*(f"{step}.weight" for step in steps), "evidence.weight", "focus", "whole.weight"]
    sums = [node.input[1] for node in graph.node if node.op_type in ("MatMul", "MatMulInteger")]
    multiplied = [name.removesuffix(NARROW) for name in sums if name in held]
    reader = ContactReader(Encoder())
    state = {name: torch.from_numpy(held[name].copy()) for name in reader.state_dict() if name in held}
    state |= {name: torch.from_numpy(held[of].T.copy()) for name, of in zip(named, multiplied, strict=True)}
    reader.load_state_dict(state)
    reader.eval()
    return reader
