"""The operations whose pages have rules in prose: those are kept by name, beside these."""

SUBMITS = ("swapImage", "swapVideo", "swapImagePro", "swapPlus")
DETECTIONS = ("detectFaces", "detectFacesLegacy")
