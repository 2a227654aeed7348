"""Reads the first bytes of compiled libraries: for which platform they are, and what they ask of it."""

import re
import struct

MACHINES = {
    "manylinux": {0x3E: "x86_64", 0xB7: "aarch64"},
    "macosx": {0x01000007: "x86_64", 0x0100000C: "arm64"},
    "win": {0x8664: "amd64", 0xAA64: "arm64"},
}
# What PEP 600 takes for granted on every Linux.
ON_EVERY_LINUX = re.compile(rb"(libc|libm|libdl|librt|libpthread|ld-linux[a-z0-9-]*)\.so\.\d+")
BUILD_VERSION, CODE_SIGNATURE = 0x32, 0x1D  # load commands of Mach-O


def binary_problems(content: bytes, platform: str) -> list[str]:
    """Say why a library would not load on a platform, such as manylinux_2_17_x86_64, macosx_11_0_arm64 or win_amd64."""
    try:
        system, machine = _system_and_machine(content)
        if not (platform.startswith(system) and platform.endswith(machine)):
            return [f"is a library for {system} on {machine}, not for {platform}"]
        if system == "win":
            return []
        return _elf_problems(content, platform) if system == "manylinux" else _mach_problems(content, platform)
    except (struct.error, ValueError):
        return ["is no library of a known platform"]


def _system_and_machine(content: bytes) -> tuple[str, str]:
    """What a library is for, in the words of wheels' tags; an error where it is none."""
    if content[:4] == b"\x7fELF":
        system, number = "manylinux", struct.unpack_from("<H", content, 18)[0]
    elif content[:4] == b"\xcf\xfa\xed\xfe":
        system, number = "macosx", struct.unpack_from("<I", content, 4)[0]
    elif content[:2] == b"MZ":
        system, number = "win", struct.unpack_from("<H", content, struct.unpack_from("<I", content, 0x3C)[0] + 4)[0]
    else:
        raise ValueError("no library")
    return system, MACHINES[system].get(number, "another machine")


def _elf_problems(content: bytes, platform: str) -> list[str]:
    promised = tuple(map(int, re.findall(r"\d+", platform)[:2]))
    versions = {tuple(map(int, version.split(b"."))) for version in re.findall(rb"GLIBC_(\d+(?:\.\d+)+)\0", content)}
    newer = [f"needs glibc {'.'.join(map(str, version))}" for version in sorted(versions) if version[:2] > promised]
    named = set(re.findall(rb"\0([\w+-]+\.so(?:\.\d+)+)(?=\0)", content))
    others = sorted(name.decode() for name in named if not ON_EVERY_LINUX.fullmatch(name))
    return [*newer[-1:], *(f"needs {name}, which not every Linux has" for name in others)]


def _mach_problems(content: bytes, platform: str) -> list[str]:
    promised, commands = tuple(map(int, re.findall(r"\d+", platform)[:2])), {}
    place = 32
    for _ in range(struct.unpack_from("<I", content, 16)[0]):
        command, size = struct.unpack_from("<II", content, place)
        commands[command] = place
        place += size
    problems = []
    if BUILD_VERSION in commands:
        wanted = struct.unpack_from("<I", content, commands[BUILD_VERSION] + 12)[0]
        if (wanted >> 16, wanted >> 8 & 0xFF) > promised:
            problems.append(f"needs macOS {wanted >> 16}.{wanted >> 8 & 0xFF}")
    if platform.endswith("arm64") and CODE_SIGNATURE not in commands:
        problems.append("has no signature, without which Apple silicon runs nothing")
    return problems
