"""The Lambda function of bulk load's services (manual, 5.12): files, tickets and templates."""

from shared.app import lambda_handler
from shared.bulk import service
from shared.bulk.form import FormIntake

handler = lambda_handler(
    FormIntake,
    loadActDocuments=service.accept,
    loadLiquidations=service.accept,
    loadPayments=service.accept,
    getTicket=service.show_ticket,
    findTickets=service.find_tickets,
    getTemplate=service.show_template,
)
