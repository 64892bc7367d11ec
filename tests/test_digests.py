from fashion.digests import md5, sha256, tree_sha256


def test_digests_are_those_of_the_standards(tmp_path):
    """The test vector "abc" of FIPS 180-4 and RFC 1321."""
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256(tmp_path / "x") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert md5(tmp_path / "x") == "900150983cd24fb0d6963f7d28e17f72"


def test_a_folder_is_known_by_every_name_and_every_byte_in_it(tmp_path):
    folders = [tmp_path / name for name in ("one", "same", "renamed", "edited")]
    for folder in folders:
        (folder / "in").mkdir(parents=True)
        (folder / "b").write_text("b")
        (folder / "in" / "a").write_text("a")
    (folders[2] / "b").rename(folders[2] / "c")
    (folders[3] / "in" / "a").write_text("A")
    one, same, renamed, edited = map(tree_sha256, folders)
    assert one == same
    assert len({one, renamed, edited}) == 3
    assert tree_sha256(folders[0] / "b") == sha256(folders[0] / "b")
