"""The Lambda function of the entities' consultations (manual, 5.8 to 5.10)."""

from shared.app import lambda_handler
from shared.query import act_detail, act_documents, changes, records, stamps

handler = lambda_handler(
    findActDocuments=act_documents.find,
    findStamps=stamps.find,
    getActDocument=act_detail.show,
    getRecords=records.obtain,
    findChanges=changes.find,
)
