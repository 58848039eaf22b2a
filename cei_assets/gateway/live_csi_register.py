"""The programme's register as the gateway uses it: read when a report comes and files changed."""

import logging
import threading

from cei_assets.core.csi.program import CsiRegister
from cei_assets.gateway.live_register import FileStates, file_states
from cei_assets.settings import Settings
from cei_assets.storage.csi_register import load_csi_register
from cei_assets.storage.register_files import RegisterError, is_csi_file

_LOGGER = logging.getLogger("cei.gateway")


class LiveCsiRegister:
    """The latest register of the programme without errors.

    One with errors leaves the one before it in force, and `problem` says so. A gateway that no
    report reaches never reads it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._files: FileStates | None = None
        self._register: CsiRegister | None = None
        self.problem: str | None = None

    def current(self) -> CsiRegister | None:
        """The register as its files say now, or the last one without errors; None without any."""
        with self._lock:
            files = file_states(self._settings.paths.register, is_csi_file)
            if files != self._files:
                self._read()
                self._files = files
            return self._register

    def _read(self) -> None:
        folder, options = self._settings.paths.register, self._settings.csi_options
        try:
            result = load_csi_register(folder, options=options, for_payment=False)
            result.raise_for_errors()
        except (RegisterError, OSError) as error:
            self._complain(error)
        else:
            self._register = result.register
            self.problem = None

    def _complain(self, error: Exception) -> None:
        self.problem = f"the CSI-Thermal register cannot be used: {error}"
        _LOGGER.error(self.problem)
