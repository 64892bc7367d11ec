"""Whether results hold: reproduced elsewhere, compared bit by bit, and after every fault.

Run as `python -m verification.NAME`. No stage depends on anything here.
"""
