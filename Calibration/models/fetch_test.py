"""Tests of `fetch` with a small package made here: pip runs for real, without a network.

Run with: python3 -m unittest Calibration/models/fetch_test.py
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONTENT = b"weights of a network"
RIGHT = hashlib.sha256(CONTENT).hexdigest()


class FetchTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="textpin-fetch-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.cache = self.folder / "cache" / "textpin" / "models"
        self.models = self.folder / "repository" / "Calibration" / "models"
        self.models.mkdir(parents=True)
        shutil.copy(HERE / "fetch", self.models)
        self.wheels = self.folder / "wheels"
        self.wheels.mkdir()
        with zipfile.ZipFile(self.wheels / "textpin_test_weights-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("weights/det.onnx", CONTENT)
            information = "textpin_test_weights-1.0.dist-info/"
            wheel.writestr(information + "METADATA", "Metadata-Version: 2.1\nName: textpin-test-weights\nVersion: 1.0\n")
            wheel.writestr(information + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(information + "RECORD", "")

    def list_model(self, **changes):
        entry = json.loads((HERE / "models.json").read_text())["models"][-1]
        entry.update(
            {
                "name": "small",
                "package": "textpin-test-weights",
                "version": "1.0",
                "file": "weights/det.onnx",
                "bytes": len(CONTENT),
                "sha256": RIGHT,
            }
        )
        entry.update(changes)
        entry = {key: value for key, value in entry.items() if value is not None}
        (self.models / "models.json").write_text(json.dumps({"models": [entry]}))

    def fetch(self, *arguments, links=True):
        environment = dict(os.environ, XDG_CACHE_HOME=str(self.folder / "cache"), PIP_CONFIG_FILE=os.devnull, PIP_NO_INDEX="1")
        environment["PIP_FIND_LINKS"] = str(self.wheels) if links else ""
        return subprocess.run([self.models / "fetch", *arguments], env=environment, capture_output=True, text=True)

    def installed(self):
        return sorted(entry.name for entry in self.cache.iterdir())

    def test_a_model_arrives_with_its_sidecar(self):
        self.list_model()
        result = self.fetch("small")
        self.assertEqual((result.returncode, result.stdout), (0, f"{self.cache}/small.onnx\n"), result.stderr)
        self.assertEqual((self.cache / "small.onnx").read_bytes(), CONTENT)
        sidecar = json.loads((self.cache / "small.json").read_text())
        self.assertEqual((sidecar["name"], sidecar["order"], sidecar["threshold"]), ("small", "bgr", 0.3))
        self.assertEqual(self.installed(), ["small.json", "small.onnx"])

    def test_a_model_that_is_there_is_left_alone_even_offline(self):
        self.list_model()
        self.fetch("small")
        before = (self.cache / "small.onnx").stat()
        result = self.fetch("small", links=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        after = (self.cache / "small.onnx").stat()
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))

    def test_a_file_put_there_by_hand_gets_its_sidecar(self):
        self.list_model()
        self.cache.mkdir(parents=True)
        (self.cache / "small.onnx").write_bytes(CONTENT)
        self.assertEqual(self.fetch(links=False).returncode, 0)
        self.assertEqual(self.installed(), ["small.json", "small.onnx"])

    def test_another_hash_is_not_installed(self):
        self.list_model(sha256="0" * 64)
        result = self.fetch("small")
        self.assertEqual((result.returncode, result.stdout), (65, ""))
        self.assertIn(RIGHT, result.stderr)
        self.assertIn("0" * 64, result.stderr)
        self.assertIn("not installed", result.stderr)
        self.assertEqual(self.installed(), [])

    def test_a_damaged_file_in_the_cache_is_replaced(self):
        self.list_model()
        self.cache.mkdir(parents=True)
        (self.cache / "small.onnx").write_bytes(CONTENT[:5])
        self.assertEqual(self.fetch("small").returncode, 0)
        self.assertEqual((self.cache / "small.onnx").read_bytes(), CONTENT)

    def test_offline_says_which_file_goes_where(self):
        self.list_model()
        result = self.fetch("small", links=False)
        self.assertEqual(result.returncode, 69)
        for part in ("pip could not download textpin-test-weights 1.0", "weights/det.onnx", RIGHT, f"{self.cache}/small.onnx"):
            self.assertIn(part, result.stderr)
        self.assertEqual(self.installed(), [])

    def test_a_wheel_without_the_file_is_refused(self):
        self.list_model(file="weights/other.onnx")
        result = self.fetch("small")
        self.assertEqual(result.returncode, 65)
        self.assertIn("does not hold weights/other.onnx", result.stderr)
        self.assertEqual(self.installed(), [])

    def test_a_file_beside_the_repository_is_taken(self):
        self.list_model(package=None, version=None, file=None, beside="../shared/det.onnx")
        result = self.fetch("small")
        self.assertEqual(result.returncode, 66)
        self.assertIn(f"{self.folder.resolve()}/shared/det.onnx does not exist", result.stderr)
        (self.folder / "shared").mkdir()
        (self.folder / "shared" / "det.onnx").write_bytes(CONTENT)
        self.assertEqual(self.fetch("small").returncode, 0)
        self.assertEqual((self.cache / "small.onnx").read_bytes(), CONTENT)

    def test_an_unknown_name_lists_the_known(self):
        self.list_model()
        result = self.fetch("tiny")
        self.assertEqual((result.returncode, result.stderr), (64, "There is no model tiny: there are small.\n"))

    def test_the_real_list_is_complete(self):
        models = json.loads((HERE / "models.json").read_text())["models"]
        self.assertEqual(
            [model["name"] for model in models],
            ["PP-OCRv2", "PP-OCRv2.0-both-heads", "PP-OCRv3", "PP-OCRv4", "PP-OCRv5", "PP-OCRv6-tiny", "PP-OCRv6-small"],
        )
        for model in models:
            self.assertRegex(model["sha256"], "^[0-9a-f]{64}$")
            self.assertEqual("beside" in model, "package" not in model)


if __name__ == "__main__":
    unittest.main()
