"""The Lambda function of bulk load's services (manual, 5.12), and of reports (5.11): what takes a while, by ticket."""

from shared.app import lambda_handler
from shared.bulk import service
from shared.bulk.form import FormIntake
from shared.reporting import service as reports

handler = lambda_handler(
    FormIntake,
    loadActDocuments=service.accept,
    loadLiquidations=service.accept,
    loadPayments=service.accept,
    getTicket=service.show_ticket,
    findTickets=service.find_tickets,
    getTemplate=service.show_template,
    requestReport=reports.ask,
    getReport=reports.show,
)
