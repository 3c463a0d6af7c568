"""Notations of values that a pattern cannot check: tags of languages, and numbers with a check digit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from nioc_paper.model.lazy_regex import late_pattern

LANGUAGE_PATTERN = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"
"""A tag of a language, as in RFC 5646."""
LANGUAGE_FORM = "a language tag such as en-GB or ur"
"""Its form, as messages name it."""
_LANGUAGES = (
    "aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel bgbul bibis bmbam bnben "
    "bobod brbre bsbos cacat ceche chcha cocos crcre csces cuchu cvchv cycym dadan dedeu dvdiv dzdzo eeewe elell "
    "eneng eoepo esspa etest eueus fafas ffful fifin fjfij fofao frfra fyfry gagle gdgla glglg gngrn guguj gvglv "
    "hahau heheb hihin hohmo hrhrv hthat huhun hyhye hzher iaina idind ieile igibo iiiii ikipk ioido isisl itita "
    "iuiku jajpn jvjav kakat kgkon kikik kjkua kkkaz klkal kmkhm knkan kokor krkau kskas kukur kvkom kwcor kykir "
    "lalat lbltz lglug lilim lnlin lolao ltlit lulub lvlav mgmlg mhmah mimri mkmkd mlmal mnmon mrmar msmsa mtmlt "
    "mymya nanau nbnob ndnde nenep ngndo nlnld nnnno nonor nrnbl nvnav nynya ococi ojoji omorm orori ososs papan "
    "pipli plpol pspus ptpor quque rmroh rnrun roron rurus rwkin sasan scsrd sdsnd sesme sgsag shhbs sisin skslk "
    "slslv smsmo snsna sosom sqsqi srsrp ssssw stsot susun svswe swswa tatam tetel tgtgk ththa titir tktuk tltgl "
    "tntsn toton trtur tstso tttat twtwi tytah uguig ukukr ururd uzuzb veven vivie vovol wawln wowol xhxho yiyid "
    "yoyor zazha zhzho zuzul"
)
"""Languages with two letters (ISO 639-1), each with its three letters after them."""
_REGIONS = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
"""Regions (ISO 3166-1)."""
_MEANT_REGIONS: Mapping[str, str] = {"UK": "GB", "EN": "GB", "EL": "GR"}
_SUBTAG = late_pattern(
    r"(?P<script>[A-Za-z]{4})|(?P<region>[A-Za-z]{2}|\d{3})|(?P<other>[A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3})"
)


def language_problem(tag: str) -> str:
    """Return the end of a sentence on what is wrong with a tag of a language (BCP 47); empty if it is right."""
    if not re.fullmatch(LANGUAGE_PATTERN, tag):
        return f"is not {LANGUAGE_FORM}"
    language, *rest = tag.split("-")
    known = {pair[:2]: pair[2:] for pair in _LANGUAGES.split()}
    if len(language) == 2 and language.lower() not in known:
        return f"is not a language: no language is '{language}'"
    if short := next((two for two, three in known.items() if three == language.lower()), ""):
        return f"is not a tag: the language '{language}' is written '{short}'"
    for subtag in rest:
        if len(subtag) == 1:  # an extension, or a private part
            break
        if not (match := _SUBTAG.fullmatch(subtag)):
            return f"is not a tag: '{subtag}' is no region, script or variant"
        if match["region"] and subtag.isalpha() and subtag.upper() not in _REGIONS.split():
            meant = _MEANT_REGIONS.get(subtag.upper())
            return f"is not a tag: no region is '{subtag}'" + (f"; '{meant}' is meant" if meant else "")
    return ""


def orcid_problem(orcid: str) -> str:
    """Return the end of a sentence on what is wrong with an ORCID iD (ISO 7064 11,2); empty if it is right."""
    digits = orcid.removeprefix("https://orcid.org/").replace("-", "")
    if re.fullmatch(r"\d{15}[\dX]", digits):
        total = 0
        for digit in digits[:-1]:
            total = (total + int(digit)) * 2
        if digits[-1] == "0123456789X"[(12 - total % 11) % 11]:
            return ""
    return "is not an ORCID: a digit is wrong"


NOTATIONS: Mapping[str, tuple[Callable[[str], str], str, str]] = {
    "language": (language_problem, "write a language tag such as en-GB or ur", "type"),
    "orcid": (orcid_problem, "copy it from orcid.org again", "orcid"),
}
"""For each notation a function that returns the problem of a text, the hint, and the kind of the finding."""
