typedef int wf_estimate_room;  // until the room has its first source file
