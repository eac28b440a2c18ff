"""ONNX's operators, made ready once for a node and run many times."""
