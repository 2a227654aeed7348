"""The build backend: poetry-core's wheel, with the kernels compiled by `zig cc` beside the Python files.

One Linux machine builds for all platforms: `uv build --wheel -C platform=macosx_11_0_arm64`. Without a platform it is
the one of this machine; on one of another kind the wheel holds no library (`platform=any`), and components compute
with numpy. The wheel is tagged `py3-none-<platform>`: the library has a plain C interface and knows nothing of Python.
"""

import base64
import hashlib
import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from poetry.core.masonry import api

COMPONENT = Path(__file__).resolve().parents[1]
PACKAGE = "stac/numerics/kernels"
TARGETS = {  # platform of the wheel: target of the compiler, name of the library
    "manylinux_2_17_x86_64": ("x86_64-linux-gnu.2.17", "libkernels.so"),
    "manylinux_2_17_aarch64": ("aarch64-linux-gnu.2.17", "libkernels.so"),
    "macosx_11_0_arm64": ("aarch64-macos.11.0", "libkernels.dylib"),
    "macosx_11_0_x86_64": ("x86_64-macos.11.0", "libkernels.dylib"),
    "win_amd64": ("x86_64-windows-gnu", "kernels.dll"),
}
# Suffix of the functions: processor, doubles in a vector. Each is one compilation of the same sources.
X86 = {"baseline": ("x86_64", 2), "avx2": ("x86_64_v3", 4), "avx512": ("x86_64_v4", 8)}
ARM = {"baseline": ("generic", 2)}
FLAGS = (
    *("-std=c11", "-O3", "-g0", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"),
    *("-ffp-contract=off", "-fno-math-errno", "-fno-sanitize=all"),
)
# No C runtime on Windows: the compiler's own memcpy is all that is needed, and a runtime takes minutes to compile.
LINK = {"kernels.dll": ("-nostdlib", "-rtlib=compiler-rt", "-Wl,--no-entry")}

COMPILER = ["ziglang>=0.17,<0.18"]

get_requires_for_build_sdist = api.get_requires_for_build_sdist
prepare_metadata_for_build_wheel = api.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = api.prepare_metadata_for_build_editable
build_sdist = api.build_sdist


def get_requires_for_build_wheel(config_settings=None):
    """Ask for the compiler where there is something to compile."""
    return COMPILER if wanted_platform(config_settings) != "any" else []


get_requires_for_build_editable = get_requires_for_build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Build poetry-core's wheel, then add the library and the platform to it."""
    wanted = wanted_platform(config_settings)
    pure = Path(wheel_directory, api.build_wheel(wheel_directory, config_settings, metadata_directory))
    if wanted == "any":
        return pure.name
    with tempfile.TemporaryDirectory() as scratch:
        library = compile_library(wanted, Path(scratch))
        finished = pure.with_name(pure.name.replace("py3-none-any", f"py3-none-{wanted}"))
        add_library(pure, library, wanted, finished)
    pure.unlink()
    return finished.name


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """Compile the library into the source folder, which an editable installation points at."""
    if this_platform() != "any":
        compile_library(this_platform(), COMPONENT / "src" / PACKAGE)
    return api.build_editable(wheel_directory, config_settings, metadata_directory)


def wanted_platform(config_settings: dict | None) -> str:
    """Return the platform that was asked for, or that of this machine."""
    wanted = (config_settings or {}).get("platform") or this_platform()
    if wanted not in {*TARGETS, "any"}:
        raise SystemExit(f"platform={wanted!r} is unknown: give one of {', '.join(TARGETS)}, any.")
    return wanted


def this_platform() -> str:
    """Return the platform of this machine, as wheels name it, or "any" where there is no target for it."""
    system = {"linux": "manylinux_2_17", "darwin": "macosx_11_0", "win32": "win"}.get(sys.platform)
    if sys.platform == "linux" and platform.libc_ver()[0] != "glibc":
        return "any"
    name = f"{system}_{platform.machine().lower()}"
    return name if name in TARGETS else "any"


def compile_library(wanted: str, folder: Path, flags: tuple[str, ...] = FLAGS) -> Path:
    """Compile the sources once for each instruction set, and link them; the library appears whole or not at all."""
    target, name = TARGETS[wanted]
    common = (*flags, "-target", target)
    sets = X86 if target.startswith("x86_64") else ARM
    with tempfile.TemporaryDirectory(dir=folder, prefix=".compiling-") as scratch:
        library, objects = Path(scratch, name), [f"{scratch}/cpu.o"]
        zig_cc("-c", *common, "c/cpu.c", "-o", objects[0])
        for suffix, (processor, lanes) in sets.items():
            objects.append(f"{scratch}/{suffix}.o")
            defines = (f"-DSUFFIX={suffix}", f"-DLANES={lanes}")
            zig_cc("-c", *common, f"-mcpu={processor}", *defines, "c/kernels.c", "-o", objects[-1])
        zig_cc("-shared", *common, *LINK.get(name, ()), "-s", *objects, "-o", str(library))
        return library.replace(folder / name)


def zig_cc(*arguments: str) -> None:
    """Call the compiler of the package ziglang."""
    command = [sys.executable, "-m", "ziglang", "cc", *arguments]
    run = subprocess.run(command, cwd=COMPONENT, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{run.stderr}")


def add_library(pure: Path, library: Path, wanted: str, finished: Path) -> None:
    """Copy a wheel with the library beside its files, its tag for the platform, and the record of both."""
    content, place = library.read_bytes(), f"{PACKAGE}/{library.name}"
    unfinished = finished.with_suffix(".unfinished")
    with zipfile.ZipFile(pure) as old, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as new:
        record = next(info for info in old.infolist() if info.filename.endswith(".dist-info/RECORD"))
        date = record.date_time
        lines = []
        for info in old.infolist():
            if info is record:
                continue
            data = old.read(info)
            if info.filename.endswith(".dist-info/WHEEL"):
                text = data.decode().replace("Root-Is-Purelib: true", "Root-Is-Purelib: false")
                data = text.replace("Tag: py3-none-any", f"Tag: py3-none-{wanted}").encode()
            lines.append(write(new, info.filename, data, date))
            if info.filename == f"{PACKAGE}/__init__.py":
                lines.append(write(new, place, content, date))
        lines.append(f"{record.filename},,\n")
        write(new, record.filename, "".join(lines).encode(), date)
    unfinished.replace(finished)


def write(archive: zipfile.ZipFile, name: str, data: bytes, date: tuple) -> str:
    """Write one file of a wheel; return its line of the record."""
    info = zipfile.ZipInfo(name, date)
    info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
    archive.writestr(info, data)
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"
