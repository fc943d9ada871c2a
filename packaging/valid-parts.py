"""Whether lists of parts are valid CycloneDX 1.5."""

import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

for file in sys.argv[1:]:
    if error := JsonStrictValidator(SchemaVersion.V1_5).validate_str(Path(file).read_text()):
        sys.exit(f"{file}: {error}")
