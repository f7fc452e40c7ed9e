"""Medical receipts (医科 UKE), the file that a clinic sends to the payers each month."""

from clinic.importer.uke.reader import read as read
