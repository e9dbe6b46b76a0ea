"""Transposes that cancel each other taken out of an OpenVINO model.

Keras computes with channels last, OpenVINO's convolutions with channels first, so that Keras's OpenVINO backend puts
two transposes around every convolution and normalisation. Moved forward through what works on each element alone,
almost all of them meet their inverse. On EfficientNet-Lite0 they were two thirds of the time.
"""

from __future__ import annotations

import numpy as np
import openvino
from openvino import opset13

_ELEMENTWISE = {
    "Add", "Subtract", "Multiply", "Divide", "Maximum", "Minimum", "Clamp", "Relu", "PRelu", "Elu", "Sigmoid", "Tanh",
    "Swish", "HSwish", "HSigmoid", "Gelu", "Exp", "Convert", "SoftPlus", "Mish", "Abs", "Sqrt", "Negative",
}  # fmt: skip


def cancel_transposes(model: openvino.Model) -> None:
    """Rewrite a model in place; what it computes stays the same."""
    for node in model.get_ordered_ops():
        kind = node.get_type_name()
        if kind == "Convert" and node.get_input_element_type(0) == node.get_output_element_type(0):
            _hand_on(node, node.input_value(0))
        elif kind == "Transpose":
            _merge(node)
        elif kind == "BatchNormInference":
            _sink_below_channels(node)
        elif kind in _ELEMENTWISE:
            _sink(node)
    model.validate_nodes_and_infer_types()


def _merge(node: openvino.Node) -> None:
    """Two transposes in a row made one, or none where the second undoes the first."""
    before, order = node.input_value(0).get_node(), _order(node)
    first = _order(before) if before.get_type_name() == "Transpose" else None
    if order is None or first is None:
        return
    both = [first[index] for index in order]
    source = before.input_value(0)
    same = both == list(range(len(both)))
    _hand_on(node, source if same else opset13.transpose(source, np.array(both)).output(0))


def _sink_below_channels(node: openvino.Node) -> None:
    """Normalisation cares for the second axis alone: a transpose that leaves it in place moves behind it."""
    before = node.input_value(0).get_node()
    order = _order(before) if before.get_type_name() == "Transpose" else None
    if order is not None and order[:2] == [0, 1]:
        _move_behind(node, order)


def _sink(node: openvino.Node) -> None:
    """Let an elementwise node work on what its inputs were before they were transposed, and transpose its output."""
    order = _common_order(node)
    if order is not None:
        for port in node.inputs():
            source = port.get_source_output().get_node()
            if source.get_type_name() != "Transpose":
                port.replace_source_output(_turned_back(source, order).output(0))
        _move_behind(node, order)


def _move_behind(node: openvino.Node, order: list[int]) -> None:
    """Take the transposes off a node's inputs and put one on its output."""
    readers = list(node.output(0).get_target_inputs())
    for port in node.inputs():
        source = port.get_source_output().get_node()
        if source.get_type_name() == "Transpose":
            port.replace_source_output(source.input_value(0))
    node.validate_and_infer_types()
    turned = opset13.transpose(node, np.array(order))
    for reader in readers:
        reader.replace_source_output(turned.output(0))


def _common_order(node: openvino.Node) -> list[int] | None:
    """The one order in which all inputs but constants were transposed; None if there is none."""
    orders = []
    for value in node.input_values():
        source = value.get_node()
        if source.get_type_name() == "Transpose":
            orders.append(_order(source))
        elif _constant(source) is None:
            return None
    same = bool(orders) and orders[0] is not None and all(each == orders[0] for each in orders)
    return orders[0] if same else None


def _turned_back(source: openvino.Node, order: list[int]) -> openvino.Node:
    """A constant as it must be before the transpose, for numpy's way of widening shapes."""
    values = _constant(source)
    assert values is not None, "as all inputs are that were not transposed"
    if values.size == 1:
        return source
    full = values.reshape((1,) * (len(order) - values.ndim) + values.shape)
    return opset13.constant(np.ascontiguousarray(full.transpose(np.argsort(order))))


def _order(node: openvino.Node) -> list[int] | None:
    values = _constant(node.input_value(1).get_node())
    return None if values is None else [int(each) for each in values]


def _constant(node: openvino.Node) -> np.ndarray | None:
    if node.get_type_name() == "Convert":
        inner = _constant(node.input_value(0).get_node())
        return None if inner is None else inner.astype(node.get_output_element_type(0).to_dtype())
    return node.get_data() if node.get_type_name() == "Constant" else None


def _hand_on(node: openvino.Node, value: openvino.Output) -> None:
    """Let everything that reads a node read this value instead."""
    for reader in list(node.output(0).get_target_inputs()):
        reader.replace_source_output(value)
