/* SPDX-License-Identifier: ISC */

/* Encrypts the text of RFC 8439 2.4.2 where it lies and decrypts it again. */

#include <gyl/chacha20.h>
#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	static const uint8_t nonce[GYL_CHACHA20_NONCE_LEN] = {0, 0, 0, 0, 0, 0, 0, 0x4a};
	static const uint8_t first[4] = {0x6e, 0x2e, 0x35, 0x9a};
	char text[] = "Ladies and Gentlemen of the class of '99: If I could offer you only one "
		      "tip for the future, sunscreen would be it.";
	size_t len = strlen(text);
	uint8_t key[GYL_CHACHA20_KEY_LEN];
	uint32_t cpu = gyl_cpu_detect();

	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)i;
	gyl_chacha20_xor(cpu, key, nonce, 1, text, (uint8_t *)text, len);
	for (size_t i = 0; i < len; i++)
		printf("%02x%s", (uint8_t)text[i], i % 16 == 15 || i + 1 == len ? "\n" : " ");
	if (memcmp(text, first, sizeof first) != 0)
		return 1;
	gyl_chacha20_xor(cpu, key, nonce, 1, text, (uint8_t *)text, len);
	puts(text);
	gyl_wipe(key, sizeof key);
	return 0;
}
