#include "run.h"
int main(int c,char**v){run_folder(v[1]);run_options o={.officers=true};run*r=run_scenario(v[2],&o);run_print(r);return 0;}
