"""stub"""
from django.utils.deprecation import MiddlewareMixin
class SecurityHeadersMiddleware(MiddlewareMixin): pass
class BadInputMiddleware(MiddlewareMixin): pass
class SessionLifetimeMiddleware(MiddlewareMixin): pass
class NoStoreMiddleware(MiddlewareMixin): pass
