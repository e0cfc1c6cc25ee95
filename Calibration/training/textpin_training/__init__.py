"""Trains DBNet (Liao et al. 2020) and exports it as the ONNX file that `textpin calibrate` reads."""

import cv2

# Worker processes are the threads. OpenCV's own would fight with them, and a process forked while they exist waits for them for ever.
cv2.setNumThreads(1)
