"""Read the images of a request into memory, within limits."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from fashion_predict.find_images import STDIN
from fashion_predict.serve.limits import Limits

FIELD = "images"
FORM = "multipart/form-data"
BYTES = "application/octet-stream"


async def read_images(request: Request, limits: Limits) -> list[tuple[str, bytes]]:
    """Return the name and the bytes of each image: the files of a form, or the whole body.

    Names are those that the client gave, for display only; the body as a whole is named `-`, like
    standard input. Raises `HTTPException` with a status from 400 to 499 for another body, or one
    that is too large or too slow.
    """
    try:
        async with asyncio.timeout(limits.timeout):
            return await _read(request, limits)
    except TimeoutError as error:
        raise HTTPException(
            408, f"expected the whole request within {limits.timeout} seconds, found a part of it"
        ) from error
    except ClientDisconnect as error:
        raise HTTPException(400, "disconnected") from error  # which nobody receives


async def _read(request: Request, limits: Limits) -> list[tuple[str, bytes]]:
    kind = request.headers.get("content-type", BYTES).partition(";")[0].strip().lower()
    if kind == FORM:
        return await _read_form(request, limits)
    if kind == BYTES or kind.startswith("image/"):
        return [(STDIN, b"".join([chunk async for chunk in _chunks(request, limits.max_bytes)]))]
    expected = f"expected the content type {FORM}, {BYTES} or image/..."
    raise HTTPException(415, f"{expected}, found {kind}; set the header Content-Type")


async def _read_form(request: Request, limits: Limits) -> list[tuple[str, bytes]]:
    chunks = _chunks(request, limits.max_bytes)
    parser = MultiPartParser(request.headers, chunks, max_files=limits.max_images)
    parser.spool_max_size = limits.max_bytes  # a larger file would be written to disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        found = f"not a form with at most {limits.max_images} files"
        raise HTTPException(400, f"{found}: {error.message}") from error
    except UnicodeError as error:  # a name in an encoding that Python knows but cannot decode
        raise HTTPException(400, "expected file names in UTF-8") from error
    try:
        images = [await _read_file(name, value) for name, value in form.multi_items()]
    finally:
        await form.close()
    if not images:
        raise HTTPException(400, f"expected image files in the form field {FIELD}, found none")
    return images


async def _read_file(name: str, value: UploadFile | str) -> tuple[str, bytes]:
    if name == FIELD and isinstance(value, UploadFile):
        return value.filename or "", await value.read()
    expected = f"expected image files in the form field {FIELD}"
    kind = "text" if isinstance(value, str) else "a file"
    raise HTTPException(400, f"{expected}, found {kind} in the field {name:.80}")


async def _chunks(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise HTTPException(413, f"larger than {max_bytes:,} bytes; reduce it")
        yield chunk
