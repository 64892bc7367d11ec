import pytest

from fashion import machine

INTEL = """processor\t: 0
model name\t: A processor @ 2.00GHz
flags\t\t: fpu sse2 avx2 avx512f fma amx_tile

processor\t: 1
model name\t: Another
flags\t\t: fpu
"""
ARM = "processor\t: 0\nFeatures\t: fp asimd sve crc32\nCPU part\t: 0xd40\n"


@pytest.fixture
def cpuinfo(tmp_path, monkeypatch):
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(machine, "CPUINFO", path)
    return path


def test_the_signature_tells_what_may_change_the_last_bits(cpuinfo):
    cpuinfo.write_text(INTEL)
    signature = machine.signature(threads=3)
    assert signature["cpu"] == "A processor @ 2.00GHz"
    assert signature["instructions"] == "amx_tile avx2 avx512f fma"
    assert signature["threads"] == 3
    assert {"system", "python", "tensorflow", "keras", "numpy"} <= set(signature)


def test_arm_processors_have_vector_instructions_too(cpuinfo):
    cpuinfo.write_text(ARM)
    assert machine.vector_instructions() == {"asimd", "sve"}
    assert machine.cpu_name() == "0xd40"


def test_switches_of_the_kernels_are_part_of_it(cpuinfo, monkeypatch):
    for switch in machine.SWITCHES:
        monkeypatch.delenv(switch, raising=False)
    assert machine.signature(2)["onednn"] == ""
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert machine.signature(2)["onednn"] == "ONEDNN_MAX_CPU_ISA=AVX2"


def test_a_system_without_cpuinfo_tells_its_architecture(cpuinfo):
    assert machine.cpu_name()
    assert machine.vector_instructions() == set()
