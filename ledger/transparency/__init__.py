"""The transparency log 透明日志: every entry a leaf of one Merkle tree, whose heads are signed and witnessed.

Formats are the open ones of C2SP (signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-witness,
tlog-proof, tlog-policy) over RFC 6962, so that programs that know nothing of points can read and check them.
"""
