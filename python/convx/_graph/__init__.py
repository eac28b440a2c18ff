"""Networks as graphs: read from ONNX, rewritten by passes, run on convx."""
