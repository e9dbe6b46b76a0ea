"""Every net of the catalog in small: an input's shape and the arguments that make it thin."""

THIN = {"filters": [2, 3]}
RESIDUAL = {"filters": [2, 3], "repeats": 1}
SMALL = {
    "cnn": ((16, 16, 3), THIN),
    "lenet5": ((24, 24, 1), {}),
    "alexnet": ((67, 67, 3), {"filters": [4, 4, 4, 4, 4], "groups": 2}),
    "vgg16": ((16, 16, 3), {"filters": [2, 3], "repeats": [1, 2]}),
    "vgg19": ((16, 16, 3), {"filters": [2, 3], "repeats": [1, 2]}),
    "resnet18": ((32, 32, 3), RESIDUAL),
    "resnet34": ((32, 32, 3), RESIDUAL),
    "resnet50": ((32, 32, 3), RESIDUAL),
    "resnet20": ((16, 16, 3), RESIDUAL),
    "resnet56": ((16, 16, 3), RESIDUAL),
    "resnet110": ((16, 16, 3), RESIDUAL),
    "inception": ((32, 32, 3), {"modules": [[3, 3, 4, 2, 3, 3]] * 3, "stem_filters": [4, 4, 4]}),
    "mobilenet": ((16, 16, 3), {"filters": [4, 6], "stride": [1, 2], "stem_filters": 2}),
    "nin": ((16, 16, 3), {"filters": [2, 3], "kernel": 3, "mixing": [[2], [3]]}),
    "mlp": ((4, 4, 1), {"units": [4, 3]}),
    "local": ((12, 12, 1), THIN),
    "cnn1d": ((16, 2), THIN),
    "resnet1d": ((16, 2), THIN),
    "inception1d": ((16, 2), {"modules": 2, "filters": 2, "bottleneck_filters": 2, "shortcut_every": 1}),
    "rocket": ((16, 2), {"kernels": 20}),
    "multiview": ((3, 8, 8, 1), {"options": THIN}),
    "voxnet": ((12, 12, 12, 1), {"filters": [2, 3]}),
    "filter-bank": ((16, 16, 1), {}),
}
