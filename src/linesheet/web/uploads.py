"""What is let in of the files that people send."""

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from linesheet.books.imports import MOST_BYTES


class WithinLimit(FileUploadHandler):
    """Stops a file that is larger than any that is taken before it fills the disk; the form comes without it."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Let a piece through while the file is within the limit."""
        if start + len(raw_data) > MOST_BYTES + 1:
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers after this one."""
        return
