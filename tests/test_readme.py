"""The README's Python examples, run as a reader would run them: in order, in one session."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.drawing import colours if False else None
