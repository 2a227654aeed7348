"""The compiled component as its publishers and users meet it: built for all platforms here, and from its sources."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.building import EPOCH, build_files
from catalog.model import Catalog, Component
from catalog.wheels import file_problems

ROOT = Path(__file__).parents[1]
KERNELS = next(component for component in Catalog(ROOT).components if component.name == "kernels")
pytestmark = pytest.mark.slow


@pytest.fixture
def files(made_once) -> list[Path]:
    """Every file of a release, built from a copy of the sources, so that places would show; the sources come last."""

    def build(root: Path) -> None:
        unwanted = shutil.ignore_patterns("*.so", "*.dylib", "*.dll", "__pycache__")
        shutil.copytree(KERNELS.folder, root / KERNELS.path, ignore=unwanted)
        build_files(Component(root, KERNELS.path), root, all_platforms=True)

    root = made_once("release", build)
    return [*sorted(root.glob("*.whl")), *root.glob("*.tar.gz")]


def own_wheel(files: list[Path]) -> Path:
    return next(file for file in files if KERNELS.own_platform in file.name)


def test_there_is_a_sound_wheel_for_every_platform_and_an_archive_of_the_sources(files):
    assert len(files) == 6
    assert {file.name: file_problems(file, KERNELS) for file in files} == {file.name: [] for file in files}


def test_the_same_sources_give_the_same_bytes_wherever_they_lie(files):
    built = ROOT / "dist/wheels" / own_wheel(files).name  # when the tests began
    assert own_wheel(files).read_bytes() == built.read_bytes()


def test_the_sources_build_the_same_wheel(files, tmp_path):
    command = ["uv", "build", "--wheel", "--quiet", "--out-dir", tmp_path, files[-1]]
    subprocess.run(command, check=True, env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH})
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == own_wheel(files).name
    assert wheel.read_bytes() == own_wheel(files).read_bytes()


def test_on_a_machine_of_another_kind_the_sources_build_a_wheel_without_library(files, tmp_path):
    command = ["uv", "build", "--wheel", "--quiet", "-C", "platform=any", "--out-dir", tmp_path, files[-1]]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert file_problems(wheel, KERNELS) == []


def test_the_wheel_works_where_nothing_is_but_numpy(files, tmp_path):
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, tmp_path / "env"], check=True)
    python = tmp_path / "env/bin/python"
    constraints = ["--constraints", ROOT / "requirements.txt"]
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", python, *constraints, own_wheel(files)], check=True)
    code = "from stac.numerics.kernels import z_normalize; print(z_normalize([1.0, 2.0, 3.0]).round(2).tolist())"
    run = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert run.stdout == "[-1.2200000286102295, 0.0, 1.2200000286102295]\n"


ARM_PYTHON = shlex.split(os.environ.get("STAC_ARM_PYTHON", ""))


@pytest.mark.skipif(
    not ARM_PYTHON, reason="STAC_ARM_PYTHON names no Python for ARM, such as: qemu-aarch64 -L ROOT ROOT/bin/python3"
)
def test_the_wheel_for_arm_passes_the_tests_of_the_kernels_in_an_emulator(files, tmp_path):
    wheel = next(file for file in files if "aarch64" in file.name)
    packages = [wheel, *(ROOT / "dist/wheels").glob("stac_component_checks-*.whl"), "numpy", "pytest", "hypothesis"]
    tell = [*ARM_PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    version = subprocess.check_output(tell, text=True).strip()
    install = ["uv", "pip", "install", "--quiet", "--target", tmp_path, "--constraints", ROOT / "requirements.txt"]
    install += ["--python-platform", "aarch64-manylinux_2_28", "--python-version", version, "--only-binary", ":all:"]
    subprocess.run([*install, *packages], check=True)
    command = [*ARM_PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", KERNELS.folder / "tests/test_kernels.py"]
    command += ["-k", "not package and not fork and not switch and not interrupted"]
    run = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert " passed" in run.stdout
