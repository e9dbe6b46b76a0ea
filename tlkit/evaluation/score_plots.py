"""The pictures of an evaluation; `save` writes one as a file."""

from tlkit.evaluation.canvas import save
from tlkit.evaluation.confusion import confusion_picture
from tlkit.evaluation.curves import curves_picture
from tlkit.evaluation.reliability import reliability_picture
from tlkit.evaluation.sizes import sizes_picture

__all__ = ["confusion_picture", "curves_picture", "reliability_picture", "save", "sizes_picture"]
