/* SPDX-License-Identifier: ISC */

/* What went wrong with a connection, in words of people who set up syslog, not TLS. */

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <stdio.h>

#include "libnet/host/tls_int.h"

static const struct {
	int reason;
	const char *text;
} usual[] = {
	{SSL_R_UNSUPPORTED_PROTOCOL, "it speaks no TLS newer than 1.1"},
	{SSL_R_VERSION_TOO_LOW, "it speaks no TLS newer than 1.1"},
	{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "it refuses our versions of TLS, 1.2 and 1.3"},
	{SSL_R_NO_SHARED_CIPHER, "it has no cipher in common with us"},
	{SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
		"it refuses the handshake: no cipher in common, or a certificate is wanted"},
	{SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, "it shows no certificate"},
	{SSL_R_TLSV1_ALERT_UNKNOWN_CA, "it refuses our certificate: it does not know the CA"},
	{SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "it refuses our certificate"},
	{SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "it refuses our certificate"},
	{SSL_R_TLSV1_ALERT_ACCESS_DENIED, "it refuses our certificate"},
	{SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "it refuses our certificate"},
	{SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "it refuses our certificate: it has expired"},
	{SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "it refuses our certificate: it is revoked"},
	{SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "it wants a certificate of us"},
	{SSL_R_WRONG_VERSION_NUMBER, "what it sends is not TLS"},
	{SSL_R_HTTP_REQUEST, "what it sends is not TLS"},
	{SSL_R_PACKET_LENGTH_TOO_LONG, "what it sends is not TLS"},
	{SSL_R_BAD_RECORD_TYPE, "what it sends is not TLS"},
	{SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "a record was altered on its way"},
	{SSL_R_SSLV3_ALERT_BAD_RECORD_MAC, "it says that a record was altered on its way"},
	{SSL_R_EXCESSIVE_MESSAGE_SIZE, "its certificates are too long"},
};

const char *gyl__tls_why(struct gyl__tls_conn *c)
{
	unsigned long e = ERR_peek_last_error();
	int reason = ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) : 0;
	const char *text;

	if (c->why_text[0] != '\0') /* its certificate was refused */
		return c->why_text;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (usual[i].reason == reason)
			return usual[i].text;
	text = ERR_reason_error_string(e);
	(void)snprintf(c->why_text, sizeof(c->why_text), "TLS fails: %s",
		text == NULL ? "no reason known" : text);
	return c->why_text;
}
