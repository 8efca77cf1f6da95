"""Library systems reached by SIP2, the protocol of self-check machines, and by nothing better.

Here: its messages as bytes, the wires they go over, what its answers mean, the adapter.
Not here: what any one system does besides SIP2.
"""
