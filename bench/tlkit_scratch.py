"""The same net through tlkit's Python API."""

import json
import sys
import tempfile
from pathlib import Path

from fashion import load

import tlkit

(train_x, train_y), (test_x, test_y) = load(sys.argv[1])
folder = Path(tempfile.mkdtemp())
(folder / "fashion.yaml").write_text(f"""
name: fashion
model: {{net: cnn, filters: [32, 64, 128]}}
train: {{epochs: {sys.argv[2]}, batch_size: 64, learning_rate: 0.001, schedule: constant, early_stopping: null}}
""")
splits = tlkit.Splits.from_arrays(
    train_x[..., None], train_y.astype(int), test_data=(test_x[..., None], test_y.astype(int)), val=0.1, kind="image"
)
result = tlkit.run(tlkit.load_recipe(folder / "fashion.yaml"), splits=splits, root=folder / "mlruns")
rate = result.images_per_second["train"]
print(json.dumps({"rate": rate, "accuracy": result.metrics["test/accuracy"], "precision": result.precision}))
