"""From keys and bytes to scans.

Here: decoders, serial scanners, the scanner test's judgement. Not here: windows (desk), or what a
barcode may be (core.barcodes).
"""
