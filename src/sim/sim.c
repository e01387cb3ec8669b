typedef int wf_sim_room;  // until the room has its first source file
