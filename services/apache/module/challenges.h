/* How a certificate authority is shown that a name is ours; see challenges.c. */
#ifndef PODPLAY_CHALLENGES_H
#define PODPLAY_CHALLENGES_H

/* The folder of PodplayChallenges; NULL: nothing is answered. */
extern const char *challenges_folder;

void register_challenge_hooks(void);

#endif
