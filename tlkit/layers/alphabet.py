"""The letters of DNA and what each may stand for; without Keras, for what only reads them."""

BASES = "ACGT"
# what each letter of the alphabet may stand for (IUPAC); a code is a letter's place in this order, the gap is 0
ALPHABET = {
    "-": "", "A": "A", "C": "C", "G": "G", "T": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip
