"""Trains DBNet (Liao et al. 2020) and exports it as the ONNX file that `textpin calibrate` reads."""
