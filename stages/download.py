"""Download: the files of the data set, verified, into `data/raw/`.

In: `download` of `params.yaml` (sources in order, SHA-256 of the content of each file).
Out: the decompressed files. Those that are in place already are kept.
Run: `python -m stages.download`.
"""

from fashion import cli
from fashion.params.download import Download
from fashion.sources.fetch import fetch


def main(raw: str = "data/raw", params_file: str = "params.yaml") -> None:
    """Fetch every file of `download.files` into the folder `raw`."""
    params = Download.load(params_file)
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
