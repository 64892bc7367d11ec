"""Download: the four IDX files of the data set, verified, into `data/raw/`.

In: `download` of `params.yaml` (sources in order, SHA-256 of the content of each file).
Out: the decompressed IDX files. Run: `python -m stages.download`.
"""

from fashion import command
from fashion.params import load_params
from fashion.sources import fetch


def main(raw: str = "data/raw", params_file: str = "params.yaml") -> None:
    """Fetch every file of `download.sha256` into the folder `raw`."""
    params = load_params(params_file)
    download = params.download
    fetch(
        download.sources,
        download.sha256,
        raw,
        connect_seconds=download.connect_seconds,
        retries=download.retries,
        max_megabytes=download.max_megabytes,
        report=lambda line: print(line, flush=True),
    )


if __name__ == "__main__":
    command.run_stage(main)
