"""Who may use which page of the quality audit."""

from admin.quality import figures
from admin.quality import views as quality
from admin.table import EXPERTS, Row

_REVIEW = r"{review:\d{1,18}}"
ROWS = (
    Row("GET", "/quality", quality.sample, EXPERTS),
    Row("POST", "/quality/draw", quality.draw, EXPERTS),
    Row("POST", "/quality/share-out", quality.share_out, EXPERTS),
    Row("POST", rf"/quality/reviews/{_REVIEW}/assign", quality.assign, EXPERTS),
    Row("GET", "/quality/figures", figures.figures, EXPERTS),
    Row("GET", "/quality/findings", figures.findings, EXPERTS),
    Row("POST", r"/quality/findings/{finding:\d{1,18}}/close", figures.close, EXPERTS),
    Row("GET", rf"/quality/reviews/{_REVIEW}", quality.review, EXPERTS),
    Row("POST", rf"/quality/reviews/{_REVIEW}", quality.save, EXPERTS),
    Row("POST", rf"/quality/reviews/{_REVIEW}/findings", quality.add_finding, EXPERTS),
)
