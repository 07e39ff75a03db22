"""The tables, in our own words. The migrations make them; tests check that both agree."""

from sqlmodel import SQLModel

from data.models.cases import ASKED, Case, CaseEvent, CasePlan, CaseRule, Delegation
from data.models.connecting import Attempt, AttemptEvent, Disconnect, InboxEvent, InboxRefusal
from data.models.connections import Change, Connection, HealthReason, MetricPoint, Total
from data.models.messages import Draft, Message, MessageEvent, MessageTemplate, Recipient, Sending
from data.models.people import AuditRow, Lockout, SignInSession, User, View
from data.models.sources import Drift, Incident, Installation, Notice, Source, SyncRun

__all__ = [
    "ASKED",
    "Attempt",
    "AttemptEvent",
    "AuditRow",
    "Case",
    "CaseEvent",
    "CasePlan",
    "CaseRule",
    "Change",
    "Connection",
    "Delegation",
    "Disconnect",
    "Draft",
    "Drift",
    "HealthReason",
    "InboxEvent",
    "InboxRefusal",
    "Incident",
    "Installation",
    "Lockout",
    "Message",
    "MessageEvent",
    "MessageTemplate",
    "MetricPoint",
    "Notice",
    "Recipient",
    "SQLModel",
    "Sending",
    "SignInSession",
    "Source",
    "SyncRun",
    "Total",
    "User",
    "View",
]
