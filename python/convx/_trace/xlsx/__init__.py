"""The network as a workbook whose formulas compute it once more."""
