"""A mounted file system that answers nothing: whoever asks waits until it is taken away."""

import ctypes
import os
import struct

_UNMOUNT_LAZILY = 2
_INIT = 26


class HungMount:
    """`with HungMount(folder) as hung:` needs root; `mounted` is False where mounting is not permitted."""

    def __init__(self, folder):
        self.folder, self.mounted = str(folder), False
        self.device = None

    def __enter__(self):
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            self.device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return self
        options = f"fd={self.device},rootmode=40000,user_id=0,group_id=0,allow_other"
        self.mounted = libc.mount(b"hung", self.folder.encode(), b"fuse", 0, options.encode()) == 0
        if self.mounted:
            self._begin()
        return self

    def __exit__(self, *_):
        self.release()

    def _read(self):
        request = os.read(self.device, 1 << 18)
        _, operation, number = struct.unpack_from("=IIQ", request)
        return operation, number

    def _begin(self):
        operation, number = self._read()
        assert operation == _INIT
        answer = struct.pack("=IIIIHHIIHHI28x", 7, 31, 65536, 0, 16, 12, 65536, 1, 1, 0, 0)
        os.write(self.device, struct.pack("=IiQ", 16 + len(answer), 0, number) + answer)

    def wait_asked(self):
        """Returns when somebody waits for an answer."""
        self._read()

    def release(self):
        """Whoever waits is told that the connection has ended."""
        if self.mounted:
            ctypes.CDLL(None).umount2(self.folder.encode(), _UNMOUNT_LAZILY)
            self.mounted = False
        if self.device is not None:
            os.close(self.device)
            self.device = None
