"""Components with compiled code: a wheel for each platform, looked into, indexed, installed."""

import subprocess
import sys
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.binaries import binary_problems

LONELY = "components/common/metrics/lonely"
TOML = f"{LONELY}/pyproject.toml"
LINUX, ARM, APPLE, INTEL_MAC, WINDOWS = PLATFORMS = (
    *("manylinux_2_17_x86_64", "manylinux_2_17_aarch64"),
    *("macosx_11_0_arm64", "macosx_11_0_x86_64", "win_amd64"),
)


def ok(run):
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def built(fake):
    found = (file.name.removeprefix("stac_lonely-0.1.0") for file in (fake.root / "dist/wheels").glob("stac_lonely*"))
    return {name.removeprefix("-py3-none-").removesuffix(".whl") for name in found}


def test_the_wheel_for_this_machine_is_built_and_on_request_all_of_them(compiled):
    ok(compiled.run("build"))
    assert built(compiled) == {compiled.here}
    ok(compiled.run("build", "--all-platforms"))
    assert built(compiled) == {*PLATFORMS, ".tar.gz"}
    for arguments in ((), ("--all-platforms",)):
        assert ok(compiled.run("build", *arguments)).startswith("0 wheels built, 5 unchanged")
    (compiled.root / f"dist/wheels/stac_lonely-0.1.0-py3-none-{ARM}.whl").unlink()
    assert ok(compiled.run("build")).startswith("0 wheels built")
    assert ok(compiled.run("build", "--all-platforms")).startswith("1 wheels built (lonely)")


def test_on_a_machine_of_another_kind_one_wheel_without_library_is_built(compiled):
    compiled.replace(TOML, f'"{compiled.here}", ', "")
    ok(compiled.run("build", "lonely"))
    assert built(compiled) == {"any"}
    assert "holds no wheel" not in compiled.run("check", "lonely", "--wheels").stdout


def test_what_an_editable_installation_compiled_is_no_source(compiled):
    ok(compiled.run("build", "lonely"))
    compiled.write(f"{LONELY}/src/stac/metrics/lonely/liblonely.dylib", "compiled in place")
    assert ok(compiled.run("build", "lonely")).startswith("0 wheels built")


def test_a_library_for_another_platform_is_not_built_into_a_wheel(compiled):
    compiled.change_library(ARM, compiled.libraries[LINUX])
    run = compiled.run("build", "lonely", "--all-platforms")
    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)
    assert "liblonely.so, which is a library for manylinux on x86_64, not for manylinux_2_17_aarch64" in run.stderr


def test_a_wheel_for_any_platform_holds_no_library(fake, libraries):
    ok(fake.run("build", "lonely"))
    with zipfile.ZipFile(fake.root / "dist/wheels/stac_lonely-0.1.0-py3-none-any.whl", "a") as archive:
        archive.writestr("stac/metrics/lonely/liblonely.so", libraries.elf(0x3E))
    assert "holds the library stac/metrics/lonely/liblonely.so" in fake.run("check", "lonely", "--wheels").stdout


def test_check_wants_the_wheel_for_this_machine(compiled):
    ok(compiled.run("build", "--all-platforms"))
    assert "holds no wheel" not in compiled.run("check", "lonely", "--wheels").stdout
    (compiled.root / f"dist/wheels/stac_lonely-0.1.0-py3-none-{compiled.here}.whl").unlink()
    assert "holds no wheel of stac-lonely 0.1.0 for this machine" in compiled.run("check", "lonely", "--wheels").stdout


def test_the_rules_know_how_compiled_code_is_built(compiled):
    run = compiled.run("check", "lonely", "--rule", "metadata")
    assert "requires something else than poetry-core" in run.stdout
    compiled.replace(TOML, "requires = []", 'requires = ["poetry-core>=2.1,<3"]')
    ok(compiled.run("check", "lonely", "--rule", "metadata"))
    compiled.replace(TOML, f'"{WINDOWS}"', '"windows"')
    assert "platforms ['windows'] are no platforms" in compiled.run("check", "lonely", "--rule", "metadata").stdout


def test_a_changed_source_of_a_library_asks_for_a_new_version(compiled):
    compiled.commit()
    compiled.git("checkout", "-q", "-b", "branch")
    compiled.change_library(ARM, b"")
    run = compiled.run("check", "lonely", "--rule", "version-bumped", "--base", "main")
    assert "building/lonely_backend.py changed since the base" in run.stdout


def test_an_installer_takes_from_the_index_what_fits_the_machine(compiled, tmp_path):
    ok(compiled.run("build", "--all-platforms"))
    ok(compiled.run("index"))
    page = (compiled.root / "dist/index/stac-lonely/index.html").read_text()
    assert page.count(".whl#sha256=") == len(PLATFORMS)
    assert page.count(".tar.gz#sha256=") == 1
    command = ["uv", "pip", "install", "--target", tmp_path / "here", "--no-cache", "stac-lonely"]
    command += ["--python", sys.executable, "--default-index", (compiled.root / "dist/index").as_uri()]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "here/stac/metrics/lonely/liblonely.so").read_bytes() == compiled.libraries[compiled.here]


def test_a_sound_library_is_one_for_its_platform_alone(compiled):
    for platform, library in compiled.libraries.items():
        for other in PLATFORMS:
            assert bool(list(binary_problems(library, other))) == (other != platform)


def test_a_library_that_asks_too_much_is_found(libraries):
    for library, platform, problem in (
        (libraries.elf(0x3E, b"libc.so.6", b"GLIBC_2.14", b"GLIBC_2.34"), LINUX, "needs glibc 2.34"),
        (libraries.elf(0x3E, b"libgomp.so.1"), LINUX, "needs libgomp.so.1, which not every Linux has"),
        (libraries.mach(0x0100000C, system=(13, 3)), APPLE, "needs macOS 13.3"),
        (libraries.mach(0x0100000C, signed=False), APPLE, "has no signature, without which Apple silicon runs nothing"),
        (b"", WINDOWS, "is no library of a known platform"),
        (b"MZ", WINDOWS, "is no library of a known platform"),
    ):
        assert list(binary_problems(library, platform)) == [problem]


@settings(deadline=None)
@given(st.sampled_from([b"", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"MZ"]), st.binary(max_size=200))
def test_what_is_no_library_is_never_taken_for_one(magic, content):
    assert all(isinstance(problem, str) for problem in binary_problems(magic + content, "win_arm64"))
