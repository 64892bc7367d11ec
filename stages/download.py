"""Download: the files of the data set, verified, or own images, into `data/raw/`.

In: `download` of `params.yaml` (sources in order, SHA-256 of the content of each file; or a folder
of images). Out: the decompressed files, of which those in place already are kept; or the images
of that folder. Run: `python -m stages.download`.
"""

from fashion import cli
from fashion.config.download import Download
from fashion.download.fetch import fetch
from fashion.download.mirror import mirror


def main(raw: str = "data/raw", params_file: str = "params.yaml") -> None:
    """Fetch every file of `download.files`, or the images, into the folder `raw`."""
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
        report=lambda line: print(line, flush=True),
    )


if __name__ == "__main__":
    cli.run_stage(main)
