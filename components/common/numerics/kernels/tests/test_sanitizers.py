"""The tests of the kernels once more, with a library that stops at a wrong address and at undefined arithmetic."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMPONENT = Path(__file__).parents[1]
RUNTIME = ctypes.util.find_library("asan")
SANITIZERS = ("-fsanitize=address", "-fsanitize=undefined", "-fsanitize-trap=undefined", "-O1", "-g")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the runtime of the address sanitizer is taken from Linux"),
    pytest.mark.skipif(RUNTIME is None, reason="no libasan on this machine"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a function that runs Python with the sanitized kernels in the place of the installed ones."""
    folder = tmp_path_factory.mktemp("sanitized")
    package = folder / "stac/numerics/kernels"
    library = shutil.ignore_patterns("libkernels.so", "__pycache__")
    shutil.copytree(COMPONENT / "src/stac/numerics/kernels", package, ignore=library)
    compile_it = (
        "import sys, compile_kernels as c\n"
        "flags = [flag for flag in c.FLAGS if flag != '-fno-sanitize=all']\n"
        f"c.compile_library(c.this_platform(), c.Path({str(package)!r}), (*flags, *{SANITIZERS}))"
    )
    subprocess.run(
        [sys.executable, "-c", compile_it], check=True, env=os.environ | {"PYTHONPATH": "building"}, cwd=COMPONENT
    )
    # What Python itself keeps until its end is no leak of ours.
    environment = os.environ | {"PYTHONPATH": str(folder), "LD_PRELOAD": RUNTIME, "ASAN_OPTIONS": "detect_leaks=0"}

    def run_python(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)

    return run_python


def test_the_kernels_stay_within_their_arrays_and_within_defined_arithmetic(run):
    tests = str(COMPONENT / "tests/test_kernels.py")
    # Left out: what looks at files instead of kernels, and what starts processes of its own.
    found = run("-m", "pytest", "-q", "-p", "no:cacheprovider", tests, "-k", "not package and not fork and not switch")
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-3000:]


CALL = """
import ctypes, numpy as np
from stac.numerics.kernels import _library
assert "sanitized" in _library.__file__
X, out, stop = np.ones(2000, np.float32), np.empty(10_000, np.float32), ctypes.byref(ctypes.c_int32(0))
_library.kernel("copy_windows")(X.ctypes.data, 1, 0, 2000, {stride}, {window}, {window} + 1, out.ctypes.data, stop)
print("done")
"""


def test_a_wrong_address_is_noticed(run):
    assert run("-c", CALL.format(stride=1, window=0)).stdout == "done\n"
    found = run("-c", CALL.format(stride=1, window=1))
    assert found.returncode != 0
    assert "AddressSanitizer: heap-buffer-overflow" in found.stderr


def test_undefined_arithmetic_is_noticed(run):
    found = run("-c", CALL.format(stride=2**62, window=4))  # 2**64: zero once it has overflowed
    assert found.returncode != 0
    assert "done" not in found.stdout
