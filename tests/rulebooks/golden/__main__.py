"""Write scores.json anew."""

import json

from tests.rulebooks.golden import SCORES, scores

SCORES.write_text(json.dumps(scores(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
