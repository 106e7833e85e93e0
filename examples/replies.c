#include <fermata.h>
int main(void){return 0;}
