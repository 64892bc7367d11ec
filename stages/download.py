"""Download: fetch and verify the files of the dataset, or use your own images.

In: `download` of `params.yaml`: `files` with the SHA-256 of their content and `sources` to try in
this order, or `images`, a folder. Out: `data/raw/`, with the decompressed files or the images.
Run: `python -m stages.download`.
"""

from fashion import cli
from fashion.config.download import Download
from fashion.download.fetch import fetch
from fashion.download.mirror import mirror


def main(raw: str = "data/raw", params_file: str = "params.yaml") -> None:
    """Fetch the files of `download.files`, or copy the images, into the folder `raw`."""
    params = Download.load(params_file)
    if params.images is not None:
        print(mirror(params.images, raw))
        return
    fetch(
        params.sources,
        {file.name: file.sha256 for file in params.files},
        raw,
        connect_seconds=params.connect_seconds,
        retries=params.retries,
    )


if __name__ == "__main__":
    cli.run_stage(main)
