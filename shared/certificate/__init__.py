"""The payment certificate: what it states, how it is signed, drawn, kept and verified.

`seal` and what it imports need neither AWS nor the table: they verify a certificate with the public key alone.
"""
